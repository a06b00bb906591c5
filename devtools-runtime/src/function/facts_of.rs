//! The facts about an annotated function, as constants.

use std::any::TypeId;
use std::borrow::Cow;
use std::marker::PhantomData;

use crate::function::attributes::AttributesRef;
use crate::function::facts::Facts;
use crate::function::identity::RpcFunction;
use crate::function::inject::Injection;
use crate::function::options::FunctionOptions;
#[cfg(feature = "typescript")]
use crate::function::rpc_error::Failure;

/// The constants of `F`.
pub(super) struct ConstantsOf<F>(PhantomData<F>);

impl<F: RpcFunction> ConstantsOf<F> {
    const OPTIONS: &'static FunctionOptions = &F::OPTIONS;
    #[cfg(feature = "typescript")]
    const FAILURE: &'static Failure<F::Error> = &F::FAILURE;
}

impl Facts {
    /// Returns the facts about `F`, which takes these references.
    pub(crate) const fn of<F: RpcFunction>(injected: &'static [Injection]) -> Self {
        Self {
            identity: Some(TypeId::of::<F>),
            name: Cow::Borrowed(F::NAME),
            kind: F::KIND,
            side: F::SIDE,
            encoding: F::ENCODING,
            parameters: Cow::Borrowed(F::PARAMETERS),
            description: Cow::Borrowed(F::DESCRIPTION),
            attributes: if ConstantsOf::<F>::OPTIONS.attributes.is_none() {
                None
            } else {
                Some(AttributesRef::Constant(
                    &ConstantsOf::<F>::OPTIONS.attributes,
                ))
            },
            layer: match &ConstantsOf::<F>::OPTIONS.layer {
                Some(layer) => Some(layer),
                None => None,
            },
            injected,
            #[cfg(feature = "typescript")]
            types: F::TYPES,
            #[cfg(feature = "typescript")]
            foreign: None,
            #[cfg(feature = "typescript")]
            errors: ConstantsOf::<F>::FAILURE.variants(),
        }
    }
}
