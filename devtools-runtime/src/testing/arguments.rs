//! Arguments that a test expects.

use crate::function::{IntoArgument, RpcArguments};

/// The arguments of a call, as a test writes them: the value itself for one parameter, and a tuple for several.
///
/// ```
/// use devtools_runtime::testing::IntoArguments;
///
/// fn of_two(arguments: impl IntoArguments<(String, u8)>) -> (String, u8) {
///     arguments.into_arguments()
/// }
///
/// assert_eq!(of_two(("src/main.rs", 1)), ("src/main.rs".to_owned(), 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the arguments `{A}`",
    note = "write the value itself for one parameter, a tuple for several, and `()` for none"
)]
pub trait IntoArguments<A: RpcArguments> {
    /// Converts the arguments.
    fn into_arguments(self) -> A;
}

impl IntoArguments<()> for () {
    fn into_arguments(self) {}
}

impl<T, V> IntoArguments<(T,)> for V
where
    V: IntoArgument<T>,
    (T,): RpcArguments,
{
    fn into_arguments(self) -> (T,) {
        (self.into_argument(),)
    }
}

macro_rules! tuples {
    ($(($($name:ident $value:ident $index:tt),*))*) => {$(
        impl<$($name, $value),*> IntoArguments<($($name,)*)> for ($($value,)*)
        where
            $($value: IntoArgument<$name>,)*
            ($($name,)*): RpcArguments,
        {
            fn into_arguments(self) -> ($($name,)*) {
                ($(self.$index.into_argument(),)*)
            }
        }
    )*};
}

tuples! {
    (A X 0, B Y 1)
    (A X 0, B Y 1, C Z 2)
    (A X 0, B Y 1, C Z 2, D W 3)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4, F U 5)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4, F U 5, G T 6)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4, F U 5, G T 6, H S 7)
}
