# Build rules shared by every folder: compiler settings, and the three functions that declare a
# library, a program and a test.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

option(HANGU_TESTS "Build the tests" ON)
option(HANGU_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(HANGU_SANITIZE "" CACHE STRING "Sanitizer set: empty, asan or tsan")

find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(BOTAN REQUIRED IMPORTED_TARGET botan-2)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(LDAP REQUIRED IMPORTED_TARGET ldap)
pkg_check_modules(LBER REQUIRED IMPORTED_TARGET lber)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(XML2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(Z3 REQUIRED IMPORTED_TARGET z3)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(TSS2 REQUIRED IMPORTED_TARGET tss2-esys tss2-tctildr tss2-rc)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

add_library(hangu_options INTERFACE)
target_include_directories(hangu_options INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_compile_options(hangu_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Werror
  -ffunction-sections -fdata-sections
  -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_compile_definitions(hangu_options INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(hangu_options INTERFACE -pie -Wl,-z,relro,-z,now,--gc-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_definitions(hangu_options INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1
                                                     BOOST_ASIO_HAS_STD_COROUTINE=1)
else()
  # g++ 12 reports libstdc++'s own std::function and std::variant as maybe uninitialized.
  target_compile_options(hangu_options INTERFACE -fstack-clash-protection -fcf-protection
                                                 -Wno-maybe-uninitialized)
  target_link_options(hangu_options INTERFACE -fuse-ld=mold)
endif()

if(HANGU_SANITIZE STREQUAL "asan")
  # No vptr: it looks at each object through a pipe, which the sandbox refuses, and then takes every
  # object of Botan and GDAL for a broken one.
  target_compile_options(hangu_options INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
                                                 -fno-sanitize-recover=undefined)
  target_link_options(hangu_options INTERFACE -fsanitize=address,undefined)
  # Instrumented, g++ 12 takes the frames of Asio's coroutines for another allocator's, and sees a
  # std::string overlap its own inner buffer when text is put before a temporary (GCC 105651).
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(hangu_options INTERFACE -Wno-mismatched-new-delete -Wno-restrict)
  endif()
  target_compile_definitions(hangu_options INTERFACE HANGU_SANITIZED=1)
elseif(HANGU_SANITIZE STREQUAL "tsan")
  target_compile_options(hangu_options INTERFACE -fsanitize=thread)
  target_link_options(hangu_options INTERFACE -fsanitize=thread)
  target_compile_definitions(hangu_options INTERFACE HANGU_SANITIZED=1)
else()
  target_compile_definitions(hangu_options INTERFACE _FORTIFY_SOURCE=2)
endif()
if(HANGU_FUZZ)
  target_compile_options(hangu_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                                 -fno-sanitize-recover=undefined)
  target_link_options(hangu_options INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(hangu_options INTERFACE HANGU_SANITIZED=1)
endif()

# hangu_library(NAME [USES lib...] [PRIVATE_USES lib...] [FOLDERS dir...])
# makes hangu_NAME from every .cpp in this folder (and FOLDERS below it).
function(hangu_library name)
  cmake_parse_arguments(ARG "" "" "USES;PRIVATE_USES;FOLDERS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  foreach(folder ${ARG_FOLDERS})
    file(GLOB more CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(APPEND sources ${more})
  endforeach()
  if(sources)
    add_library(hangu_${name} STATIC ${sources})
    target_link_libraries(hangu_${name} PUBLIC hangu_options ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
  else()
    add_library(hangu_${name} INTERFACE)
    target_link_libraries(hangu_${name} INTERFACE hangu_options ${ARG_USES})
  endif()
endfunction()

# hangu_program(NAME USES lib...) makes bin/NAME from NAME's own source, `-` read as `_`.
function(hangu_program name)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  string(REPLACE "-" "_" source ${name})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source}.cpp)
    add_executable(${name} ${source}.cpp)
    target_link_libraries(${name} PRIVATE ${ARG_USES})
    if(HANGU_SANITIZE STREQUAL "asan")
      target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/no_leak_check.cpp)
    endif()
  endif()
endfunction()
