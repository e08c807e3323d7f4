//! The public contract, design section 4: every way of use as a user would write it.
