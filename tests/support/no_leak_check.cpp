// Linked into the programs of the asan preset. The leak check at exit traces the process, which the
// sandbox never allows: without this, a daemon that was told to end would end with a failure.
// Leaks of the libraries are found in their unit tests.

extern "C" int __lsan_is_turned_off();  // of sanitizer/lsan_interface.h, whose name it is
extern "C" int __lsan_is_turned_off() { return 1; }
