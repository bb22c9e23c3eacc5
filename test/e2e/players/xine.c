// A xine without a window: its "raw" video output calls back with every picture it would show; this program
// writes them one after the other as I420. Usage: xine URL FILE FRAMES CONFIG
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xine.h>

static FILE* out;
static volatile sig_atomic_t left, wrong_format;

static void show(void* user, int format, int width, int height, double aspect, void* y, void* u, void* v) {
    (void)user, (void)aspect;
    if (left <= 0) return;
    if (format != XINE_VORAW_YV12) {
        wrong_format = format;
        return;
    }
    const size_t luma = (size_t)width * (size_t)height, size = luma * 3 / 2;
    static unsigned char *picture, *shown;
    if (!picture && (!(picture = malloc(size)) || !(shown = calloc(1, size)))) abort();
    memcpy(picture, y, luma);
    memcpy(picture + luma, u, luma / 4);
    memcpy(picture + luma * 5 / 4, v, luma / 4);
    if (memcmp(picture, shown, size) == 0) return;
    memcpy(shown, picture, size);
    fwrite(picture, size, 1, out);
    fflush(out);  // somebody may read the pictures as they come
    left = left - 1;
}

static void overlay(void* user, int count, raw_overlay_t* overlays) {
    (void)user, (void)count, (void)overlays;
}

int main(int argc, char** argv) {
    if (argc != 5 || !(out = fopen(argv[2], "wb"))) return 2;
    left = atoi(argv[3]);
    xine_t* xine = xine_new();
    xine_config_load(xine, argv[4]);
    xine_init(xine);
    raw_visual_t visual = {
        .supported_formats = XINE_VORAW_YV12, .raw_output_cb = show, .raw_overlay_cb = overlay};
    xine_video_port_t* video = xine_open_video_driver(xine, "raw", XINE_VISUAL_TYPE_RAW, &visual);
    xine_audio_port_t* audio = xine_open_audio_driver(xine, "none", NULL);
    xine_stream_t* stream = video ? xine_stream_new(xine, audio, video) : NULL;
    if (!stream) return 2;

    const char* why = "the stream ended";
    if (!xine_open(stream, argv[1]) || !xine_play(stream, 0, 0)) {
        why = "cannot play";
    } else {
        while (left > 0 && xine_get_status(stream) == XINE_STATUS_PLAY)
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    fflush(out);
    if (left > 0)
        fprintf(stderr, "xine: %s, error %d, odd format %d\n", why, xine_get_error(stream), wrong_format);
    _Exit(left > 0 ? 1 : 0);
}
