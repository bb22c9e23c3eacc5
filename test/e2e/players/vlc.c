// A VLC without a window: libvlc hands over each picture it would show, as I420, and this program writes them
// one after the other. The vlc program itself cannot do that. Usage: vlc URL FILE FRAMES WIDTH HEIGHT
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vlc/vlc.h>

static unsigned width, height;
static unsigned char *picture, *shown;
static FILE* out;
static volatile sig_atomic_t left;

static size_t picture_size(void) {
    return (size_t)width * height * 3 / 2;
}

static unsigned format(void** opaque, char* chroma, unsigned* w, unsigned* h, unsigned* pitches,
                       unsigned* lines) {
    (void)opaque;
    memcpy(chroma, "I420", 4);
    // VLC offers the size of the decoder's buffer, margins included, and would stretch the picture to it.
    *w = pitches[0] = width;
    *h = lines[0] = height;
    pitches[1] = pitches[2] = width / 2;
    lines[1] = lines[2] = height / 2;
    return 1;
}

static void* lock(void* opaque, void** planes) {
    (void)opaque;
    planes[0] = picture;
    planes[1] = picture + (size_t)width * height;
    planes[2] = picture + (size_t)width * height * 5 / 4;
    return NULL;
}

static void display(void* opaque, void* id) {
    (void)opaque, (void)id;
    if (left <= 0 || memcmp(picture, shown, picture_size()) == 0) return;
    memcpy(shown, picture, picture_size());
    fwrite(picture, picture_size(), 1, out);
    fflush(out);  // somebody may read the pictures as they come
    left = left - 1;
}

int main(int argc, char** argv) {
    if (argc != 6 || !(out = fopen(argv[2], "wb"))) return 2;
    left = atoi(argv[3]);
    width = (unsigned)atoi(argv[4]);
    height = (unsigned)atoi(argv[5]);
    picture = malloc(picture_size());
    shown = calloc(1, picture_size());
    if (!picture || !shown) return 2;
    // No picture may be left out for being late, nor be altered on its way.
    const char* const options[] = {"--no-drop-late-frames",
                                   "--no-skip-frames",
                                   "--no-avcodec-hurry-up",
                                   "--avcodec-hw=none",
                                   "--deinterlace=0",
                                   "--no-video-title-show",
                                   "--no-spu",
                                   "--no-osd",
                                   "--aout=adummy",
                                   "--no-sub-autodetect-file"};
    libvlc_instance_t* vlc = libvlc_new(sizeof options / sizeof *options, options);
    if (!vlc) return 2;
    libvlc_media_t* media = libvlc_media_new_location(vlc, argv[1]);
    libvlc_media_player_t* player = libvlc_media_player_new_from_media(media);
    libvlc_video_set_callbacks(player, lock, NULL, display, NULL);
    libvlc_video_set_format_callbacks(player, format, NULL);
    libvlc_media_player_play(player);

    libvlc_state_t state = libvlc_Opening;
    while (left > 0 && state != libvlc_Ended && state != libvlc_Error) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        state = libvlc_media_player_get_state(player);
    }
    fflush(out);
    if (left > 0) fprintf(stderr, "vlc: %s\n", state == libvlc_Ended ? "the stream ended" : "an error");
    _Exit(left > 0 ? 1 : 0);
}
