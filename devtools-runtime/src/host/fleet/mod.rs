//! The processes of one program: their sessions and streams, and the requests of one process to another.

mod codes;
mod desk;
mod elsewhere;
mod join;
mod outcome;
mod rates;
mod request;
mod selector;
mod session;
mod session_info;
mod states;
mod streams;
mod work;
mod workers;

pub(crate) use self::elsewhere::Elsewhere;
pub(crate) use self::join::{FleetMembership, join};
pub(crate) use self::rates::FleetRates;
pub(crate) use self::states::store_changes;
pub(crate) use self::streams::StreamsElsewhere;
pub(crate) use self::work::work;
pub(crate) use self::workers::{Directory, Working, discover};

pub use self::session::FleetSession;
pub use self::workers::FleetWorker;
