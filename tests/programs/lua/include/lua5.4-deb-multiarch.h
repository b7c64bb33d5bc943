// Debian's build makes this file; it goes into the default path of C modules, of which we load
// none.
#define DEB_HOST_MULTIARCH "none"
