#include "app/cli/cli.h"

int main(int argc, char** argv) {
  return exposee::app::run_main(argc, argv);
}
