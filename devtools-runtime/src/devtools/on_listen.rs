//! The functions that a program calls with each server that begins to listen.

use std::any::Any;
use std::sync::Arc;

use crate::function::PluginState;
use crate::mutex::Mutex;

/// The functions of a context that are called with each server. `S` is the type of the servers.
pub(super) struct OnListen<S>(Mutex<Vec<Announce<S>>>);

type Announce<S> = Arc<dyn Fn(&S) -> Announced + Send + Sync>;

/// A value that lives as long as its server.
pub(super) type Announced = Box<dyn Any + Send + Sync>;

impl<S: 'static> PluginState for OnListen<S> {}

impl<S> Default for OnListen<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S> OnListen<S> {
    pub(super) fn add<T: Send + Sync + 'static>(
        &self,
        announce: impl Fn(&S) -> T + Send + Sync + 'static,
    ) {
        let announce: Announce<S> = Arc::new(move |server| Box::new(announce(server)));
        let mut functions = self.0.lock();
        functions.push(announce);
    }

    /// Calls the functions in the order in which they were added.
    pub(super) fn announce(&self, server: &S) -> Vec<Announced> {
        let functions = self.0.lock();
        let functions = functions.clone();
        functions.iter().map(|announce| announce(server)).collect()
    }
}

crate::debug_impl! { <S> OnListen<S> { .. } }
