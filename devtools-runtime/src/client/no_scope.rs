//! The scope of a client's functions.

use std::any::{Any, TypeId};

use crate::function::Scope;

/// The scope of a client's functions. It is empty, because a client has no context.
pub(super) struct NoScope;

impl Scope for NoScope {
    fn find(&self, _type_id: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}
