//! JavaScript's `Date`: a point in time in whole milliseconds.

mod calendar;
mod iso;
mod point_in_time;

pub use self::iso::ParseDateError;
pub use self::point_in_time::Date;
