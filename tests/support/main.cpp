// The main function of every test program. Compiled without the precompiled header: Catch2 2 has to see its macro
// first.
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
