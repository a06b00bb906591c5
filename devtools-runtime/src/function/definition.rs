//! The definition of a function: what a registry holds of it.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::function::{
    Call, FunctionKind, Implementation, Injection, Parameter, Place, RpcFunction, Side, Started,
    handler,
};
use crate::wire::Encoding;

/// A function, with its types erased.
///
/// Made by the attribute (`GetModule::definition()`) or by [`define_rpc_function`](crate::define_rpc_function).
/// Cloning is cheap.
#[derive(Clone)]
pub struct FunctionDefinition {
    identity: Option<fn() -> TypeId>,
    name: Cow<'static, str>,
    kind: FunctionKind,
    side: Side,
    encoding: Encoding,
    parameters: Parameters,
    description: Cow<'static, str>,
    place: Place,
    injected: &'static [Injection],
    handler: Handler,
}

#[derive(Clone)]
enum Parameters {
    Static(&'static [Parameter]),
    Shared(Arc<[Parameter]>),
}

/// What runs when a function is called.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Nothing: it is only declared here.
    Declared,
    /// An annotated function.
    Static(fn(Call<'_>) -> Started),
    /// A closure.
    Dynamic(Arc<DynamicHandler>),
}

/// What [`define_rpc_function`](crate::define_rpc_function) is told of a function.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: FunctionKind,
    pub(crate) encoding: Encoding,
    pub(crate) description: Cow<'static, str>,
    pub(crate) place: Place,
}

pub(crate) type DynamicHandler = dyn Fn(Call<'_>) -> Started + Send + Sync;

impl FunctionDefinition {
    /// The definition of an annotated function.
    pub const fn of<F: Implementation>(place: Place) -> Self {
        Self::new::<F>(place, F::INJECTED, Handler::Static(handler::start::<F>))
    }

    /// The definition of a function that is declared without a body.
    pub const fn declared<F: RpcFunction>(place: Place) -> Self {
        Self::new::<F>(place, &[], Handler::Declared)
    }

    const fn new<F: RpcFunction>(
        place: Place,
        injected: &'static [Injection],
        handler: Handler,
    ) -> Self {
        Self {
            identity: Some(TypeId::of::<F>),
            name: Cow::Borrowed(F::NAME),
            kind: F::KIND,
            side: F::SIDE,
            encoding: F::ENCODING,
            parameters: Parameters::Static(F::PARAMETERS),
            description: Cow::Borrowed(F::DESCRIPTION),
            place,
            injected,
            handler,
        }
    }

    /// The definition of a closure.
    pub(crate) fn closure(
        signature: Signature,
        parameters: Arc<[Parameter]>,
        handler: Arc<DynamicHandler>,
    ) -> Self {
        Self {
            identity: None,
            name: signature.name,
            kind: signature.kind,
            side: Side::Server,
            encoding: signature.encoding,
            parameters: Parameters::Shared(parameters),
            description: signature.description,
            place: signature.place,
            injected: &[],
            handler: Handler::Dynamic(handler),
        }
    }

    /// The definition with a handler in place of the one it had.
    pub(crate) fn handled_by(self, handler: Handler) -> Self {
        Self { handler, ..self }
    }

    /// The name on the wire, `scope:function`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same function under another name.
    pub(crate) fn renamed(self, name: String) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The name, to be kept.
    pub(crate) fn owned_name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    /// What the function is for.
    pub fn kind(&self) -> FunctionKind {
        self.kind
    }

    /// The side it runs on.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The codec its arguments and results are written in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The parameters that come off the wire, in order.
    pub fn parameters(&self) -> &[Parameter] {
        match &self.parameters {
            Parameters::Static(parameters) => parameters,
            Parameters::Shared(parameters) => parameters,
        }
    }

    /// The doc comment.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where it was defined.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The references it takes.
    pub(crate) fn injected(&self) -> &'static [Injection] {
        self.injected
    }

    pub(crate) fn handler(&self) -> &Handler {
        &self.handler
    }

    /// Whether this is a definition of `F` itself.
    pub(crate) fn is<F: RpcFunction>(&self) -> bool {
        self.identity
            .is_some_and(|identity| identity() == TypeId::of::<F>())
    }

    pub(crate) fn is_same_function(&self, other: &Self) -> bool {
        match (self.identity, other.identity, &self.handler, &other.handler) {
            (Some(this), Some(other), ..) => this() == other(),
            (None, None, Handler::Dynamic(this), Handler::Dynamic(other)) => {
                Arc::ptr_eq(this, other)
            }
            _ => false,
        }
    }

    /// Whether JavaScript callers may send the arguments as JSON.
    ///
    /// They refuse an explicit `undefined` there, so a function with optional parameters is left to
    /// structured clone (`protocol.md` 2.3).
    #[cfg(feature = "server")]
    pub(crate) fn takes_json(&self) -> bool {
        self.encoding == Encoding::Json
            && !self.parameters().iter().any(|parameter| parameter.optional)
    }
}

impl fmt::Debug for FunctionDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionDefinition")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// A function that the attribute put into the program's list.
#[derive(Debug)]
pub struct Registration(pub(crate) FunctionDefinition);

impl Registration {
    /// The entry of a definition.
    pub const fn new(definition: FunctionDefinition) -> Self {
        Self(definition)
    }
}

inventory::collect!(Registration);
