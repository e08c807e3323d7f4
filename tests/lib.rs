//! Empty library: the tests beside it are modules of one test binary.
