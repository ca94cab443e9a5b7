"""conanfile.py - the program that tests/install builds, with the package from the Conan cache."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout

CONSUMER = "../../../../tests/install/consumer"


class XnatarchiveTest(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain", "VirtualRunEnv"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder=CONSUMER)
        cmake.build()

    def test(self):
        if can_run(self):
            for program in "consumer", "consumer_c":
                root = os.path.join(self.build_folder, f"{program}-root")
                self.run(f"rm -rf {root}; {os.path.join(self.cpp.build.bindir, program)} {root}",
                         env="conanrun")
