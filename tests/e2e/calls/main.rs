//! One way a call runs, whoever makes it.

mod local;
