//! Nothing but a place for the tests beside it: every file of this folder is a module of the one test binary.
