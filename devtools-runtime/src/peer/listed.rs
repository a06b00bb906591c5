//! Calls through a list of functions: the code that `call!` expands to.

use std::fmt;
use std::marker::PhantomData;

use crate::function::{Contents, FunctionList, IntoArgument, Name, RpcFunction};
use crate::peer::caller::Caller;
use crate::peer::calling::{Calling, Notifying};
use crate::peer::endpoint::Peer;

/// A connection with a list of the functions that its other end has.
#[diagnostic::on_unimplemented(
    message = "`call!` cannot know which functions `{Self}` has",
    label = "a connection without a list of functions",
    note = "give it one: `rpc.with_functions::<MyPluginFunctions>()`"
)]
pub trait ListedCaller {
    /// The list of functions.
    type Functions: FunctionList;

    /// Returns the connection.
    fn listed_peer(&self) -> &Peer;
}

#[diagnostic::do_not_recommend]
impl<C: ListedCaller + ?Sized> ListedCaller for &C {
    type Functions = C::Functions;

    fn listed_peer(&self) -> &Peer {
        (**self).listed_peer()
    }
}

#[diagnostic::do_not_recommend]
impl<C: ListedCaller + ?Sized> ListedCaller for std::sync::Arc<C> {
    type Functions = C::Functions;

    fn listed_peer(&self) -> &Peer {
        (**self).listed_peer()
    }
}

/// A session with a list of the functions that its client has.
/// [`RpcSession::with_functions`](crate::RpcSession::with_functions) returns it.
pub struct WithFunctions<C, L> {
    caller: C,
    functions: PhantomData<fn() -> L>,
}

impl<C: Caller, L: FunctionList> WithFunctions<C, L> {
    pub(crate) fn new(caller: C) -> Self {
        Self {
            caller,
            functions: PhantomData,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<C: Caller, L> Caller for WithFunctions<C, L> {
    fn peer(&self) -> &Peer {
        self.caller.peer()
    }
}

#[diagnostic::do_not_recommend]
impl<C: Caller, L: FunctionList> ListedCaller for WithFunctions<C, L> {
    type Functions = L::Itself;

    fn listed_peer(&self) -> &Peer {
        self.caller.peer()
    }
}

impl<C: Clone, L> Clone for WithFunctions<C, L> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            functions: PhantomData,
        }
    }
}

crate::debug_impl! { <C: fmt::Debug, L> WithFunctions<C, L> as it = it.caller }

/// The lookup that `call!` starts with: a connection, its list, and the functions of the list for compiler messages.
pub struct Through<'p, L, Listed> {
    peer: &'p Peer,
    functions: PhantomData<fn() -> (L, Listed)>,
}

/// Starts the lookup of a function in the list of `caller`.
pub fn through<C: ListedCaller, Listed>(caller: &C) -> Through<'_, C::Functions, Listed>
where
    C::Functions: Contents<Listed>,
{
    Through {
        peer: caller.listed_peer(),
        functions: PhantomData,
    }
}

impl<L, Listed> Through<'_, L, Listed> {
    /// Makes a name to look up in the list.
    pub fn name<const ID: u64>(&self) -> Name<L, ID> {
        Name(PhantomData)
    }

    /// Makes a function of the list callable through the connection.
    pub fn function<F: Named>(&self) -> F {
        F::through(self.peer)
    }
}

/// A function that was found in a list, bound to the connection to call it through. The type holds the function's identity,
/// the tuple of its parameters, and whether it is an event.
pub struct BoundFunction<F, Args, const EVENT: bool> {
    peer: Peer,
    function: PhantomData<fn() -> (F, Args)>,
}

/// The type of the function `F` in a list.
pub type BoundFunctionOf<F, const EVENT: bool> = BoundFunction<F, <F as RpcFunction>::Args, EVENT>;

/// A [`BoundFunction`] of any parameters.
pub trait Named {
    /// The function's name.
    const NAME: &'static str;

    /// Binds the function to `peer`.
    fn through(peer: &Peer) -> Self;
}

impl<F: RpcFunction, Args, const EVENT: bool> Named for BoundFunction<F, Args, EVENT> {
    const NAME: &'static str = F::NAME;

    fn through(peer: &Peer) -> Self {
        Self {
            peer: peer.clone(),
            function: PhantomData,
        }
    }
}

/// A function that can be called: queries and actions return [`Calling`], events return [`Notifying`].
pub trait Callable {
    /// The tuple of the parameters.
    type Args;
    /// The future of the call.
    type Future;

    /// Starts the call.
    fn begin(&self, arguments: &Self::Args) -> Self::Future;
}

impl<F: RpcFunction<Args = Args>, Args> Callable for BoundFunction<F, Args, false> {
    type Args = Args;
    type Future = Calling<F>;

    fn begin(&self, arguments: &Args) -> Calling<F> {
        self.peer.call(arguments)
    }
}

impl<F: RpcFunction<Args = Args>, Args> Callable for BoundFunction<F, Args, true> {
    type Args = Args;
    type Future = Notifying;

    fn begin(&self, arguments: &Args) -> Notifying {
        self.peer.notify::<F>(arguments)
    }
}

/// A parameter of a function that was found in a list.
pub struct Param<T>(PhantomData<fn() -> T>);

/// The type of a parameter that the function does not have. `call` reports an argument that is passed for it.
#[derive(Debug)]
pub struct Surplus;

impl Param<String> {
    /// Converts the argument.
    #[expect(clippy::unused_self, reason = "a method, as that of `Pass`")]
    pub fn pass(self, argument: impl IntoArgument<String>) -> String {
        argument.into_argument()
    }
}

impl Param<Surplus> {
    /// Accepts any argument.
    #[expect(clippy::unused_self, reason = "a method, as that of `Pass`")]
    pub fn pass<T>(self, argument: T) -> T {
        argument
    }
}

/// Accepts the arguments of parameters other than `String` unchanged. This keeps type inference, and the compiler's own
/// help with arguments of a wrong type.
pub trait Pass {
    /// The parameter's type.
    type Argument;

    /// Returns the argument.
    fn pass(self, argument: Self::Argument) -> Self::Argument;
}

impl<T> Pass for Param<T> {
    type Argument = T;

    fn pass(self, argument: T) -> T {
        argument
    }
}

/// The parameter types of a function by position, up to eight.
pub trait Positions {
    /// The first one.
    type P0;
    /// The second one.
    type P1;
    /// The third one.
    type P2;
    /// The fourth one.
    type P3;
    /// The fifth one.
    type P4;
    /// The sixth one.
    type P5;
    /// The seventh one.
    type P6;
    /// The eighth one.
    type P7;
}

macro_rules! positions {
    ($($method:ident: $position:ident),*) => {
        impl<F, Args: Positions, const EVENT: bool> BoundFunction<F, Args, EVENT> {
            $(
                /// Returns the parameter at this position.
                pub fn $method(&self) -> Param<Args::$position> {
                    Param(PhantomData)
                }
            )*
        }
    };
}

positions!(p0: P0, p1: P1, p2: P2, p3: P3, p4: P4, p5: P5, p6: P6, p7: P7);

macro_rules! callable {
    ($($type:ident),*; $($position:ident = $at:ty),*) => {
        impl<$($type),*> Positions for ($($type,)*) {
            $(type $position = $at;)*
        }

        impl<Function, $($type,)* const EVENT: bool> BoundFunction<Function, ($($type,)*), EVENT>
        where
            Self: Callable<Args = ($($type,)*)>,
        {
            /// Calls the function.
            #[allow(non_snake_case, reason = "an argument is named as its type is")]
            #[allow(clippy::too_many_arguments, reason = "as many as a function may have")]
            pub fn call(&self, $($type: $type),*) -> <Self as Callable>::Future {
                self.begin(&($($type,)*))
            }
        }
    };
}

type S = Surplus;

// One line for each number of parameters, because messages about wrong arguments quote the line.
callable!(; P0 = S, P1 = S, P2 = S, P3 = S, P4 = S, P5 = S, P6 = S, P7 = S);
callable!(A; P0 = A, P1 = S, P2 = S, P3 = S, P4 = S, P5 = S, P6 = S, P7 = S);
callable!(A, B; P0 = A, P1 = B, P2 = S, P3 = S, P4 = S, P5 = S, P6 = S, P7 = S);
callable!(A, B, C; P0 = A, P1 = B, P2 = C, P3 = S, P4 = S, P5 = S, P6 = S, P7 = S);
callable!(A, B, C, D; P0 = A, P1 = B, P2 = C, P3 = D, P4 = S, P5 = S, P6 = S, P7 = S);
callable!(A, B, C, D, E; P0 = A, P1 = B, P2 = C, P3 = D, P4 = E, P5 = S, P6 = S, P7 = S);
callable!(A, B, C, D, E, F; P0 = A, P1 = B, P2 = C, P3 = D, P4 = E, P5 = F, P6 = S, P7 = S);
callable!(A, B, C, D, E, F, G; P0 = A, P1 = B, P2 = C, P3 = D, P4 = E, P5 = F, P6 = G, P7 = S);
callable!(A, B, C, D, E, F, G, H; P0 = A, P1 = B, P2 = C, P3 = D, P4 = E, P5 = F, P6 = G, P7 = H);

crate::debug_impl! { <L, Listed> Through<'_, L, Listed> => "a connection with a list of functions" }

impl<F: RpcFunction, Args, const EVENT: bool> fmt::Debug for BoundFunction<F, Args, EVENT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", F::NAME)
    }
}

crate::debug_impl! { <T> Param<T> => "a parameter" }
