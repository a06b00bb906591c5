//! The definitions of annotated functions, as constants.

use crate::function::definition::FunctionDefinition;
use crate::function::erased::ErasedFunction;
use crate::function::facts::Facts;
use crate::function::facts_of::ConstantsOf;
use crate::function::handler::{FunctionOf, Implementation};
use crate::function::identity::RpcFunction;
use crate::function::per_context::MakePerContext;
use crate::function::reply::Call;
use crate::function::setup::{SetupImplementation, per_context};
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;

impl FunctionDefinition {
    /// Returns the definition of an annotated function.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn of<F: Implementation>(location: SourceLocation) -> Self {
        Self::new(location, FunctionOf::<F>::FUNCTION, true)
    }

    /// Returns the definition of an annotated function that is set up once per context.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn set_up<F: SetupImplementation>(location: SourceLocation) -> Self {
        Self::new(location, ConstantsOf::<F>::SET_UP, true)
    }

    /// Returns the definition of a function that is declared without a body.
    #[expect(clippy::inline_always, reason = "it is a few words")]
    #[inline(always)]
    pub const fn declared<F: RpcFunction>(location: SourceLocation) -> Self {
        Self::new(location, ConstantsOf::<F>::DECLARED, false)
    }
}

impl<F: RpcFunction> ConstantsOf<F> {
    const DECLARED: &'static Declared = &Declared(Facts::of::<F>(&[]));
}

impl<F: SetupImplementation> ConstantsOf<F> {
    const SET_UP: &'static SetUp = &SetUp {
        facts: Facts::of::<F>(F::INJECTED),
        per_context: per_context::<F>,
    };
}

/// A function that is only declared in this program.
struct Declared(Facts);

impl ErasedFunction for Declared {
    fn facts(&self) -> &Facts {
        &self.0
    }

    fn begin(&self, call: Call<'_>) -> Started {
        Started::Done(call.reply.failure("the function is only declared"))
    }
}

/// A function that is set up once per context. The registry makes its handler.
struct SetUp {
    facts: Facts,
    per_context: MakePerContext,
}

impl ErasedFunction for SetUp {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn begin(&self, call: Call<'_>) -> Started {
        Started::Done(call.reply.failure("the function is not registered"))
    }

    fn per_context(&self) -> Option<MakePerContext> {
        Some(self.per_context)
    }
}
