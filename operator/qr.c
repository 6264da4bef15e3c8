/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/qr.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET = 4, SCALE = 8 };

static QRcode *encode(const char *text, struct err *e)
{
    QRcode *q = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!q)
        err_set(e, ERR_LIMIT, NULL, "the text does not fit into a QR code");
    return q;
}

static int dark(const QRcode *q, int x, int y)
{
    return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

int qr_terminal(const char *text, struct err *e)
{
    static const char *const blocks[] = { "\u2588", "\u2580", "\u2584", " " }; /* light, upper, lower, dark */
    QRcode *q = encode(text, e);
    if (!q)
        return -1;
    for (int y = -QUIET; y < q->width + QUIET; y += 2) {
        for (int x = -QUIET; x < q->width + QUIET; x++)
            fputs(blocks[dark(q, x, y) * 2 + dark(q, x, y + 1)], stdout);
        putchar('\n');
    }
    QRcode_free(q);
    return 0;
}

int qr_png(const char *text, const char *path, struct err *e)
{
    QRcode *q = encode(text, e);
    if (!q)
        return -1;
    int size = (q->width + 2 * QUIET) * SCALE;
    unsigned char *pixels = malloc((size_t)size * (size_t)size);
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (png_uint_32)size, .height = (png_uint_32)size,
                        .format = PNG_FORMAT_GRAY };
    for (int i = 0; pixels && i < size * size; i++)
        pixels[i] = dark(q, i % size / SCALE - QUIET, i / size / SCALE - QUIET) ? 0 : 255;
    int done = pixels && png_image_write_to_file(&image, path, 0, pixels, 0, NULL);
    free(pixels);
    QRcode_free(q);
    if (done)
        return 0;
    err_set(e, ERR_IO, NULL, "the picture cannot be written: %s", strerror(errno));
    return err_at(e, "%s", path);
}
