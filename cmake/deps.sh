#!/usr/bin/env bash
# Installs the Debian packages that are missing: `build` to compile weir, `check` to test it as well, `lab` to play test/lab
# beside, `bench` to compare weir with its peers; `list` prints all.
# apt is asked only when something is missing, so a machine that has everything needs neither root nor a network.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config libuv1-dev node-llhttp libtomlplusplus-dev libcli11-dev libspdlog-dev libfmt-dev
    libssl-dev nlohmann-json3-dev)
check=(
    libcmocka-dev clang clang-format clang-tidy libclang-rt-14-dev llvm python3 curl
    ffmpeg mplayer mpv vlc-bin vlc-plugin-base libvlc-dev libmms-dev libxine2-dev libxine2-plugins libxine2-ffmpeg
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-plugins-ugly gstreamer1.0-libav libsoup-3.0-0
)
lab=(nftables iproute2 util-linux libfaketime)
# What the peers need to run. They themselves are services, so they are unpacked, not installed: nothing is started, now
# or at the next boot.
bench=(
    libcmocka-dev iproute2 util-linux valgrind
    libcurl4 libogg0 libprotobuf32 libspeex1 libtheora0 libtomcrypt1 libvorbis0a libxml2 libxslt1.1
)
peers=(icecast2 cubemap)
unpacked=build/peers

case "${1:-build}" in
    build) want=("${build[@]}") ;;
    check) want=("${build[@]}" "${check[@]}") ;;
    lab) want=("${build[@]}" "${check[@]}" "${lab[@]}") ;;
    bench) want=("${build[@]}" "${bench[@]}") ;;
    list) printf '%s\n' "${build[@]}" "${check[@]}" "${lab[@]}" "${bench[@]}" && exit ;;
    *) echo "usage: $0 [build|check|lab|bench|list]" >&2 && exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "deps: not a Debian system; what weir needs is called there: ${want[*]}" >&2
    exit 0
fi

missing=()
for package in "${want[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
    [[ " $status" == *" installed "* ]] || missing+=("$package")
done

unpack_peers() {
    local peer
    cd "$(dirname "$0")/.."
    for peer in "${peers[@]}"; do
        [[ ! -x $unpacked/usr/bin/$peer ]] && ! command -v "$peer" >/dev/null || continue
        echo "deps: unpacking $peer into $unpacked"
        mkdir -p "$unpacked"
        (cd "$unpacked" && apt-get download -q "$peer" && dpkg-deb -x "$peer"_*.deb .) ||
            echo "deps: $peer cannot be had; the comparison will do without it" >&2
    done
}
finish() {
    [[ $1 != bench ]] || unpack_peers
    exit 0
}
((${#missing[@]})) || finish "${1:-build}"

install=(apt-get install -y --no-install-recommends "${missing[@]}")
if ((EUID != 0)); then
    echo "deps: ${#missing[@]} packages are missing; install them, then run make again:" >&2
    echo "    sudo apt-get update && sudo ${install[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "deps: installing ${missing[*]}"
apt-get update -q || echo "deps: apt-get update failed; trying with the package lists this machine has" >&2
if ! "${install[@]}"; then
    echo "deps: apt could not install: ${missing[*]}" >&2
    echo "deps: the lines above name the cause; usually the mirror in /etc/apt cannot be reached or lacks Debian 12's packages" >&2
    exit 1
fi
finish "${1:-build}"
