//! How many parameters a function may have: the one list of the tuples that stand for them.

/// Hands `$implement` the tuples of none to eight types, each with their number, and with the position of each type.
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
