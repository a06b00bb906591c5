//! The list of the tuples that a function's parameters can be.

/// Passes the tuples of none to eight types to `$implement`, with the number of types and the position of each.
macro_rules! tuples {
    ($implement:ident) => {
        $implement! {
            0: ();
            1: (A 0);
            2: (A 0, B 1);
            3: (A 0, B 1, C 2);
            4: (A 0, B 1, C 2, D 3);
            5: (A 0, B 1, C 2, D 3, E 4);
            6: (A 0, B 1, C 2, D 3, E 4, F 5);
            7: (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
            8: (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
        }
    };
}

pub(super) use tuples;
