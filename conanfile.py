"""conanfile.py - the dependencies, for those who get them from Conan 2:

conan install . --build=missing
cmake --preset conan-release && cmake --build --preset conan-release

and the package, built and tried with a program of cmake/packaging/conan/test_package:

conan create . --build=missing

vcpkg.json and tests/support/setup.sh name the same; tests/tidy checks it.
"""

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout


class XnatarchiveConan(ConanFile):
    name = "xnatarchive"
    version = "0.1.0"
    description = "XNAT's archive services as an embeddable library"
    license = "Apache-2.0"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "programs": [True, False], "tests": [True, False]}
    default_options = {
        "shared": False,
        "programs": True,
        "tests": False,
        "soci/*:with_sqlite3": True,
        "boost/*:without_test": True,
    }
    exports_sources = ("CMakeLists.txt", "cmake/*", "include/*", "src/*", "capi/*", "examples/*",
                       "*.md", "LICENSE")
    test_package_folder = "cmake/packaging/conan/test_package"

    def requirements(self):
        self.requires("boost/[>=1.74 <2]")
        self.requires("dcmtk/[>=3.6.7 <4]")
        self.requires("libarchive/[>=3.6 <4]")
        self.requires("nlohmann_json/[>=3.10 <4]")
        self.requires("openssl/[>=3 <4]")
        self.requires("soci/[>=4.0.3 <5]")
        self.requires("sqlite3/[>=3.40 <4]")
        self.requires("tinyxml2/[>=9]")
        self.requires("xxhash/[>=0.8.1 <1]")
        self.requires("zlib/[>=1.2.11 <2]")
        if self.options.programs:
            self.requires("cli11/[>=2.1 <3]")
            self.requires("cpp-httplib/[>=0.10.3 <0.19]")
        if self.options.tests:
            self.test_requires("benchmark/[>=1.7 <2]")
            self.test_requires("doctest/[>=2.4.9 <3]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["XNATARCHIVE_BUILD_PROGRAMS"] = bool(self.options.programs)
        toolchain.cache_variables["XNATARCHIVE_BUILD_TESTS"] = bool(self.options.tests)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The installed config file is used, by components: cxx and capi.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/xnatarchive"]
