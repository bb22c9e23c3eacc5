"""`weir slate` for one stream after another: each gets a recording that fits, or a sentence that says why not."""

import subprocess

from scene import Verdict

RATE, SIZE = 25, "320x240"
PICTURE = ["-f", "lavfi", "-i", f"testsrc2=s={SIZE}:r={RATE}"]
SOUND = ["-f", "lavfi", "-i", "sine=f=440:r=44100"]
BOTH = [*PICTURE, *SOUND, "-map", "0:v", "-map", "1:a"]
X264 = [*PICTURE, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-b:v", "250k"]

# What encoders are told. `weir slate` has to find it out again.
FITTING = {
    "wmv2+wmav2": [*BOTH, "-c:v", "wmv2", "-b:v", "333k", "-flags:v", "+loop", "-c:a", "wmav2", "-b:a", "48k"],
    "wmv2 at 29.97": [*PICTURE, "-r", "30000/1001", "-c:v", "wmv2", "-b:v", "3M"],
    "wmv1+wmav1": [*BOTH, "-c:v", "wmv1", "-b:v", "250k", "-c:a", "wmav1", "-b:a", "48k", "-ac", "2"],
    "mp43+mp3": [*BOTH, "-c:v", "msmpeg4v3", "-b:v", "250k", "-c:a", "libmp3lame", "-b:a", "64k"],
    "mp43+wmav2, sound first": [*PICTURE, *SOUND, "-map", "1:a", "-map", "0:v", "-c:v", "msmpeg4v3", "-b:v", "250k",
                                "-c:a", "wmav2", "-b:a", "32k", "-packet_size", "1400"],
    "h264+aac, baseline": [*BOTH, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune",
                           "zerolatency", "-b:v", "250k", "-c:a", "aac", "-b:a", "64k"],
    "h264, medium": X264,
    "h264, veryslow, quality, pixels and colours": [
        *PICTURE, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryslow", "-crf", "21", "-vf", "setsar=12/11",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "pc"],
    "h264, main, level 4.1, one B picture": [*X264, "-profile:v", "main", "-level", "4.1", "-bf", "1"],
    "wmav2 alone": [*SOUND, "-c:a", "wmav2", "-b:a", "64k"],
    "aac alone": [*SOUND, "-ac", "2", "-c:a", "aac", "-b:a", "96k"],
}
# What cannot be had, and what is said of it.
MISFITS = {
    "h264 with nal-hrd": ([*X264, "-maxrate", "250k", "-bufsize", "250k", "-x264-params", "nal-hrd=cbr"],
                          "stream 1 is H264 with parameter sets that weir cannot have written again"),
    "h264 with intra-refresh": ([*X264, "-x264-params", "intra-refresh=1"],
                                "does not fit .*: stream 1: codec data: from byte [0-9]+ of [0-9]+"),
    "ac3": ([*SOUND, "-c:a", "ac3"], "stream 1 is 0x2000, for which ffmpeg has no encoder that weir knows"),
}


def encoded(folder, options):
    path = folder / "like.asf"
    subprocess.run(["timeout", "-k", "3", "60", "ffmpeg", "-nostdin", "-v", "error", "-y", *options, "-t", "1", "-f",
                    "asf", path], check=True)
    return path


def slate(weir, folder, like, *options):
    """(exit code, what it said, the file)"""
    out = folder / "slate.asf"
    out.unlink(missing_ok=True)
    code, said = weir("slate", "--like", like, "-o", out, "--duration", "1s", *options)
    if out.with_name(out.name + ".part").exists():
        said, code = f"it leaves its draft behind: {said}", -1
    return code, said, out


def fits(weir, folder, options):
    """Why there is no recording that fits, or ""."""
    code, said, out = slate(weir, folder, encoded(folder, options))
    return "" if code == 0 and out.exists() and f"{out}: fits " in said else f"exit {code}: {said}"


def refused(weir, folder, like, search, *options):
    """Why there is one, or why nothing like `search` is said, or ""."""
    code, said, out = slate(weir, folder, like, *options)
    if code != 1 or out.exists():
        return f"exit {code}, a file: {out.exists()}"
    return "" if search(said) else f"it says {said}"


def verdicts(weir, folder, search):
    """weir: runs a command; search: pattern -> text -> found?"""
    for name, options in FITTING.items():
        yield Verdict(name, fits(weir, folder, options))
    for name, (options, pattern) in MISFITS.items():
        yield Verdict(name, refused(weir, folder, encoded(folder, options), search(pattern)))
    like = encoded(folder, FITTING["wmv2+wmav2"])
    newer = folder / "newer.asf"
    newer.write_bytes(like.read_bytes().replace(b"WMV2", b"WMV3"))
    yield Verdict("wmv3", refused(weir, folder, newer, search("is WMV3, for which .*\n.*let the encoder itself show")))
    yield Verdict("without ffmpeg", refused(
        weir, folder, like, search(r"^/nonexistent/ffmpeg -nostdin .*slate\.asf\n.*there is no /nonexistent/ffmpeg"),
        "--ffmpeg", "/nonexistent/ffmpeg"))
    yield Verdict("without a legend", bars(weir, folder, like))


def bars(weir, folder, like):
    """An ffmpeg that cannot write text makes colour bars."""
    program = folder / "ffmpeg-without-text"
    program.write_text('#!/bin/sh\ncase "$*" in *drawtext*) exit 1 ;; esac\nexec ffmpeg "$@"\n')
    program.chmod(0o755)
    code, said, _ = slate(weir, folder, like, "--ffmpeg", program)
    return "" if code == 0 and "smptebars" in said else f"exit {code}: {said}"
