// An exported function that calls a URL.
#include "wherry.h"

__attribute__((export_name("status"))) int32_t status(const char *url) {
  return wherry_fetch("GET", url, NULL, NULL, 0).status;
}
