// Imports a function that no host of ours has.
__attribute__((import_module("moon"), import_name("phase"))) int phase(int day);

int main(int argc, char** argv) {
  (void)argv;
  return phase(argc);
}
