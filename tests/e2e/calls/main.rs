//! One way a call runs, whoever makes it, and the layers around it.

mod layers;
mod local;
mod roles;
mod seen;
