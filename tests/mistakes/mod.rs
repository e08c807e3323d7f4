//! Mistakes seen in the field (design section 9) and hostile peers, over real sockets.
