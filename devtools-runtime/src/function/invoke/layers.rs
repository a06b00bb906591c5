//! The layers of a context, and those around one function.

use std::any::TypeId;
use std::borrow::Cow;
use std::sync::Arc;

use crate::function::definition::FunctionDefinition;
use crate::function::inject::SharedScope;
use crate::function::invoke::layer::LayerFn;
use crate::function::options::StaticLayer;

/// The layers of a context, in the order in which they are passed.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Scoped>);

#[derive(Clone)]
struct Scoped {
    /// The prefix of the names of its functions. `None` if the layer is for all functions.
    prefix: Option<Cow<'static, str>>,
    layer: LayerFn,
}

impl Layers {
    /// Adds a layer inside the others.
    pub(crate) fn push(&mut self, prefix: Option<Cow<'static, str>>, layer: LayerFn) {
        self.0.push(Scoped { prefix, layer });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the layers of the function of this name, the innermost first.
    fn of(&self, name: &str) -> impl Iterator<Item = LayerFn> {
        let is_meant = move |layer: &&Scoped| match &layer.prefix {
            Some(prefix) => name.starts_with(&**prefix),
            None => true,
        };
        let layers = self.0.iter().rev().filter(is_meant);
        layers.map(|layer| Arc::clone(&layer.layer))
    }
}

crate::debug_impl! { Layers as it [it.0.iter().map(|layer| &layer.prefix)] }

/// Returns the layers around the calls of `function` by callers of `scope`, the innermost first. Most functions have none.
pub(super) fn layers_of(function: &FunctionDefinition, scope: &SharedScope) -> Vec<LayerFn> {
    let own = function
        .layer::<StaticLayer>()
        .map(|layer| -> LayerFn { Arc::new(layer.0) });
    let is_layered = scope.is_layered(function.name());
    if own.is_none() && !is_layered {
        return Vec::new();
    }
    let layers = scope.find(TypeId::of::<Layers>()).filter(|_| is_layered);
    let of_context = layers.and_then(|layers| layers.downcast_ref::<Layers>());
    let of_context = of_context.map(|layers| layers.of(function.name()));
    own.into_iter()
        .chain(of_context.into_iter().flatten())
        .collect()
}
