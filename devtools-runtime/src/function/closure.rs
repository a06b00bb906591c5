//! Closures as handlers of the functions that a server calls on its clients.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::function::arguments::RpcArguments;
use crate::function::definition::FunctionDefinition;
use crate::function::erased::Handler;
use crate::function::identity::RpcFunction;
use crate::function::read_arguments::read;
use crate::function::reply::Call;
use crate::function::source_location::SourceLocation;
use crate::function::started::Started;
use crate::function::tuples::tuples;

/// A closure that can implement `F`: it takes `F`'s parameters and returns a future of its output.
#[diagnostic::on_unimplemented(
    message = "this closure does not implement `{F}`",
    note = "it takes the function's parameters, one by one, and returns a future of its output"
)]
pub trait ClientHandler<F: RpcFunction, A: RpcArguments = <F as RpcFunction>::Args>:
    Send + Sync + 'static
{
    #[doc(hidden)]
    fn handle(&self, arguments: A) -> impl Future<Output = F::Output> + Send + 'static;
}

macro_rules! closures {
    ($($count:literal: ($($name:ident $index:tt),*);)*) => {$(
        impl<Function, Closure, Fut, $($name),*> ClientHandler<Function, ($($name,)*)> for Closure
        where
            Function: RpcFunction<Args = ($($name,)*)>,
            Closure: Fn($($name),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Function::Output> + Send + 'static,
            ($($name,)*): RpcArguments,
        {
            #[allow(non_snake_case, reason = "each value is named after its type")]
            fn handle(
                &self,
                ($($name,)*): ($($name,)*),
            ) -> impl Future<Output = Function::Output> + Send + 'static {
                self($($name),*)
            }
        }
    )*};
}

tuples!(closures);

/// Defines `F` by a closure.
pub(crate) struct ClientFunction<F, H>(PhantomData<(F, H)>);

impl<F: RpcFunction, H: ClientHandler<F>> ClientFunction<F, H> {
    pub(crate) fn definition(handler: H, location: SourceLocation) -> FunctionDefinition {
        let handler = Arc::new(handler);
        let start = move |call: Call<'_>| -> Started {
            let Call {
                arguments, reply, ..
            } = call;
            match read::<F>(arguments) {
                Ok(arguments) => {
                    let run = handler.handle(arguments);
                    Started::Running(Box::pin(
                        async move { reply.success(F::ENCODING, &run.await) },
                    ))
                }
                Err(misfit) => Started::Done(reply.error(&misfit)),
            }
        };
        FunctionDefinition::declared::<F>(location).handled_by(Handler::Dynamic(Arc::new(start)))
    }
}
