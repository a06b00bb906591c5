//! Lists of functions: types that know functions by name, at compile time.
//!
//! [`rpc_functions!`](crate::rpc_functions) makes them. A list implements [`Lookup`] once per function, for a hash of
//! its name and its position; a tuple of lists looks in each. A function is found by the hash alone, and the compiler infers the
//! position.

use std::marker::PhantomData;

use crate::function::definition::FunctionDefinition;
use crate::function::identity::RpcFunction;

/// A list of functions, or a tuple of up to eight lists.
///
/// [`rpc_functions!`](crate::rpc_functions) implements this for the type it declares.
///
/// ```
/// use devtools_runtime::{FunctionList, rpc_function, rpc_functions};
///
/// #[rpc_function(name = "docs-of-lists:get-one")]
/// fn get_one() -> u32 {
///     1
/// }
///
/// rpc_functions! {
///     struct Listed { GetOne }
/// }
///
/// fn names<L: FunctionList>() -> Vec<String> {
///     L::definitions().iter().map(|function| function.name().to_owned()).collect()
/// }
///
/// assert_eq!(names::<Listed>(), ["docs-of-lists:get-one"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of functions",
    label = "expected a list of functions",
    note = "`rpc_functions! {{ pub struct MyPluginFunctions {{ GetModule, … }} }}` declares one, and \
            a tuple of lists is one"
)]
pub trait FunctionList: 'static {
    /// `Self`. A type that is not a list has no `Itself`, so the compiler reports the wrong type once.
    #[doc(hidden)]
    type Itself: FunctionList;

    /// Returns the definitions of the functions, in the order of the list.
    fn definitions() -> Vec<FunctionDefinition>;
}

/// The types of a list's functions, for messages.
///
/// They are a type parameter, as in [`At`], so that a public list may have private functions.
pub trait Contents<Listed> {}

/// Finds a function in a list by the hash of its name. A list implements this for each function.
pub trait Lookup<const ID: u64, Position> {
    /// The type that calls the function: a `BoundFunction`.
    type Function;
}

/// A tuple implements this for a name that several of its lists have.
pub trait Twice<const ID: u64, Positions> {}

/// Lists that have a name at most once, and so do not implement [`Twice`].
#[diagnostic::on_unimplemented(
    message = "several lists of `{Self}` have a function of this name",
    label = "found in more than one list",
    note = "list the function once, or call it through its own type: `GetModule::call(&rpc, …)`"
)]
pub trait Once {}

/// A name that is looked up in the list `L`.
///
/// `call!` calls its method `only`. If two lists of `L` have the name, the method is the one of [`Several`], which does not
/// compile. Otherwise it is the one of [`AtMostOne`], which does nothing.
#[derive(Debug)]
pub struct Name<L, const ID: u64>(pub(crate) PhantomData<fn() -> L>);

/// The method `only` of a name that two lists have.
pub trait Several<L, Positions>: Sized {
    /// Does not compile: `L` implements `Twice`, so it does not implement `Once`.
    fn only(self)
    where
        L: Once,
    {
    }
}

impl<L: Twice<ID, Positions>, const ID: u64, Positions> Several<L, Positions> for Name<L, ID> {}

/// The method `only` of every other name.
pub trait AtMostOne: Sized {
    /// Does nothing.
    fn only(self) {}
}

impl<L, const ID: u64> AtMostOne for &Name<L, ID> {}

/// The position of a function in its list.
#[derive(Debug)]
pub struct At<const INDEX: usize, F>(PhantomData<F>);

/// The position of a list in a tuple, and of a function in that list.
#[derive(Debug)]
pub struct In<const INDEX: usize, Position>(Position);

/// Returns the 64-bit FNV-1a hash of a name.
///
/// A list in which two names have one hash is refused by [`distinct`], and a literal that has the hash of another
/// name by [`is_named`].
pub const fn id(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        // `u64::from` is not `const`.
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// Returns the hash of the name of `F`.
pub const fn id_of<F: RpcFunction>() -> u64 {
    id(F::NAME)
}

/// Returns whether `F` is an event.
pub const fn is_event<F: RpcFunction>() -> bool {
    matches!(F::KIND, crate::function::FunctionKind::Event)
}

/// Refuses a literal that differs from the name of the function that its hash has found.
#[track_caller]
pub const fn is_named(literal: &str, name: &str) {
    if !same(literal, name) {
        refuse(&[
            "the names `",
            literal,
            "` and `",
            name,
            "` have one hash: rename one of them",
        ]);
    }
}

/// A function in a list: its number, the hash of its name, and its path in the source with the name.
pub type ListedFunction = (usize, u64, [&'static str; 2]);

/// Creates the entry of `F`.
pub const fn entry<F: RpcFunction>(number: usize, path: &'static str) -> ListedFunction {
    (number, id_of::<F>(), [path, F::NAME])
}

/// Refuses the function of this number if its name is that of an earlier one.
#[track_caller]
pub const fn distinct(list: &[ListedFunction], number: usize) {
    // Functions that are configured out leave gaps in the numbers.
    let mut index = 0;
    while list[index].0 != number {
        index += 1;
    }
    let (_, hash, [path, name]) = list[index];
    let mut earlier = 0;
    while earlier < index {
        if list[earlier].1 == hash {
            refuse_second(list[earlier].2, [path, name]);
        }
        earlier += 1;
    }
}

#[track_caller]
const fn refuse_second([other, others_name]: [&str; 2], [path, name]: [&str; 2]) -> ! {
    if same(others_name, name) {
        refuse(&[
            "`",
            other,
            "` and `",
            path,
            "` are both named `",
            name,
            "`: list one of them, or rename one",
        ]);
    }
    refuse(&[
        "the names of `",
        other,
        "` and `",
        path,
        "` have one hash: rename one of them",
    ]);
}

/// The return type of [`FunctionList::definitions`].
pub fn definitions(definitions: &[fn() -> FunctionDefinition]) -> Vec<FunctionDefinition> {
    definitions.iter().map(|definition| definition()).collect()
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // Names often have the same beginning.
    let mut index = a.len();
    while index > 0 {
        index -= 1;
        if a[index] != b[index] {
            return false;
        }
    }
    true
}

/// Panics with a message that is concatenated at compile time.
#[track_caller]
const fn refuse(parts: &[&str]) -> ! {
    const SPACE: usize = 1024;
    let mut message = [b' '; SPACE];
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        // A part is copied whole or not at all, so that the text stays UTF-8.
        if length + bytes.len() <= SPACE {
            let mut index = 0;
            while index < bytes.len() {
                message[length] = bytes[index];
                length += 1;
                index += 1;
            }
        }
        part += 1;
    }
    match std::str::from_utf8(message.split_at(length).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("two functions have one name"),
    }
}

macro_rules! tuples {
    ($(($($list:ident $listed:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($list: FunctionList),+> FunctionList for ($($list,)+) {
            type Itself = Self;

            fn definitions() -> Vec<FunctionDefinition> {
                let mut definitions = Vec::new();
                $(definitions.extend($list::definitions());)+
                definitions
            }
        }

        impl<$($list, $listed),+> Contents<($($listed,)+)> for ($($list,)+)
        where
            $($list: Contents<$listed>),+
        {
        }

        positions!(($($list),+) $($list $index),+);
    )*};
}

macro_rules! positions {
    ($lists:tt) => {};
    ($lists:tt $list:ident $index:tt $(, $later:ident $at:tt)*) => {
        position!($lists $list $index);
        $(pair!($lists $list $index $later $at);)*
        positions!($lists $($later $at),*);
    };
}

macro_rules! pair {
    (($($list:ident),+) $one:ident $index:tt $other:ident $at:tt) => {
        impl<const ID: u64, P, Q, $($list),+> Twice<ID, (In<$index, P>, In<$at, Q>)> for ($($list,)+)
        where
            $one: Lookup<ID, P>,
            $other: Lookup<ID, Q>,
        {
        }
    };
}

macro_rules! position {
    (($($list:ident),+) $this:ident $index:tt) => {
        #[diagnostic::do_not_recommend]
        impl<const ID: u64, Position, $($list),+> Lookup<ID, In<$index, Position>> for ($($list,)+)
        where
            $this: Lookup<ID, Position>,
        {
            type Function = $this::Function;
        }

        impl<const ID: u64, Positions, $($list),+> Twice<ID, In<$index, Positions>> for ($($list,)+)
        where
            $this: Twice<ID, Positions>,
        {
        }
    };
}

tuples! {
    (A S 0)
    (A S 0, B T 1)
    (A S 0, B T 1, C U 2)
    (A S 0, B T 1, C U 2, D V 3)
    (A S 0, B T 1, C U 2, D V 3, E W 4)
    (A S 0, B T 1, C U 2, D V 3, E W 4, F X 5)
    (A S 0, B T 1, C U 2, D V 3, E W 4, F X 5, G Y 6)
    (A S 0, B T 1, C U 2, D V 3, E W 4, F X 5, G Y 6, H Z 7)
}
