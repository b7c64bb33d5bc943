// Scales RGB pictures by bilinear interpolation in fixed point, up and down.
#include "kernel.h"

enum { kMaxSide = 400, kChannels = 3 };

typedef struct {
  int width, height;
  uint8_t* pixels;
} Picture;

static Picture make_picture(int width, int height) {
  return (Picture){width, height, kernel_allocate((size_t)(width * height * kChannels))};
}

static const uint8_t* pixel_at(const Picture* picture, int x, int y) {
  if (x >= picture->width) x = picture->width - 1;
  if (y >= picture->height) y = picture->height - 1;
  return picture->pixels + (y * picture->width + x) * kChannels;
}

static void resize(const Picture* from, Picture* to) {
  uint32_t step_x = ((uint32_t)from->width << 16) / (uint32_t)to->width;
  uint32_t step_y = ((uint32_t)from->height << 16) / (uint32_t)to->height;
  uint8_t* out = to->pixels;
  for (int y = 0; y < to->height; y++) {
    uint32_t at_y = (uint32_t)y * step_y, part_y = (at_y >> 8) & 255;
    for (int x = 0; x < to->width; x++) {
      uint32_t at_x = (uint32_t)x * step_x, part_x = (at_x >> 8) & 255;
      int left = (int)(at_x >> 16), top = (int)(at_y >> 16);
      const uint8_t* a = pixel_at(from, left, top);
      const uint8_t* b = pixel_at(from, left + 1, top);
      const uint8_t* c = pixel_at(from, left, top + 1);
      const uint8_t* d = pixel_at(from, left + 1, top + 1);
      for (int i = 0; i < kChannels; i++) {
        uint32_t upper = a[i] * (256 - part_x) + b[i] * part_x;
        uint32_t lower = c[i] * (256 - part_x) + d[i] * part_x;
        *out++ = (uint8_t)((upper * (256 - part_y) + lower * part_y + 32768) >> 16);
      }
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 490);
  Random random = {35};
  Picture picture = make_picture(240, 180);
  for (int i = 0; i < 240 * 180 * kChannels; i++) picture.pixels[i] = (uint8_t)random_u32(&random);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Picture other = make_picture(50 + (int)random_below(&random, kMaxSide - 50),
                                 50 + (int)random_below(&random, kMaxSide - 50));
    resize(&picture, &other);
    sum = checksum_bytes(sum, other.pixels, (size_t)(other.width * other.height * kChannels));
    resize(&other, &picture);
    free(other.pixels);
    picture.pixels[round % 1000] ^= 0xff;
  }
  free(picture.pixels);
  return kernel_finish(sum);
}
