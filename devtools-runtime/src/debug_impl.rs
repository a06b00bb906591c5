//! Implements `Debug` for structs.

/// Implements [`Debug`](std::fmt::Debug) for a struct that shows only some of its fields, or other values in their
/// place.
///
/// | written | shown |
/// |---|---|
/// | `Token { identity, .. }` | `Token { identity: ClientIdentity { … }, .. }` |
/// | `Queue as it { most, free: it.permits.len() }` | `Queue { most: 8, free: 3 }` |
/// | `Rule => "a rule"` | `a rule` |
/// | `Lane as it => "{} sources", it.active.len()` | `2 sources` |
/// | `Layers as it [it.0.iter()]` | `["a", "b"]` |
/// | `Channel as it = it.core` | the `Debug` output of `it.core` |
///
/// The parameters of a generic struct come first: `<T> Channel<T> { id, .. }`.
macro_rules! debug_impl {
    (@ $f:ident $it:ident $name:ident { $($field:ident $(: $value:expr)?,)* .. }) => {
        $f.debug_struct(stringify!($name))
            $(.field(stringify!($field), &$crate::debug_impl!(@ $it $field $($value)?)))*
            .finish_non_exhaustive()
    };
    (@ $f:ident $it:ident $name:ident { $($field:ident $(: $value:expr)?),+ }) => {
        $f.debug_struct(stringify!($name))
            $(.field(stringify!($field), &$crate::debug_impl!(@ $it $field $($value)?)))+
            .finish()
    };
    (@ $f:ident $it:ident $name:ident => $($text:tt)+) => {
        write!($f, $($text)+)
    };
    (@ $f:ident $it:ident $name:ident [$entries:expr]) => {
        $f.debug_list().entries($entries).finish()
    };
    (@ $f:ident $it:ident $name:ident = $inner:expr) => {
        ::std::fmt::Debug::fmt(&$inner, $f)
    };
    (@ $it:ident $field:ident) => {
        $it.$field
    };
    (@ $it:ident $field:ident $value:expr) => {
        $value
    };
    ($(<$($param:ident $(: $bound:path)?),+>)? $name:ident $(<$($of:tt),+>)? as $it:ident $($shown:tt)+) => {
        impl $(<$($param $(: $bound)?),+>)? ::std::fmt::Debug for $name $(<$($of),+>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                #[allow(unused_variables, reason = "some are shown without what they hold")]
                let $it = self;
                $crate::debug_impl!(@ f $it $name $($shown)+)
            }
        }
    };
    ($(<$($param:ident $(: $bound:path)?),+>)? $name:ident $(<$($of:tt),+>)? { $($fields:tt)+ }) => {
        $crate::debug_impl! { $(<$($param $(: $bound)?),+>)? $name $(<$($of),+>)? as it { $($fields)+ } }
    };
    ($(<$($param:ident $(: $bound:path)?),+>)? $name:ident $(<$($of:tt),+>)? => $($text:tt)+) => {
        $crate::debug_impl! { $(<$($param $(: $bound)?),+>)? $name $(<$($of),+>)? as it => $($text)+ }
    };
}
pub(crate) use debug_impl;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    struct Secret {
        name: &'static str,
        words: Vec<u8>,
    }
    debug_impl! { Secret as it { name, words: it.words.len(), .. } }

    struct Whole<'a, T>(Vec<&'a T>);
    debug_impl! { <T: Debug> Whole<'_, T> as it { first: it.0[0], count: it.0.len() } }

    struct Hidden;
    debug_impl! { Hidden { .. } }

    struct Said<T>(Vec<T>);
    debug_impl! { <T> Said<T> as it => "{} words", it.0.len() }

    struct Fixed;
    debug_impl! { Fixed => "a text" }

    struct Listed(Vec<u8>);
    debug_impl! { Listed as it [it.0.iter().rev()] }

    struct Same(Listed);
    debug_impl! { Same as it = it.0 }

    #[test]
    fn what_is_named_is_shown() {
        let secret = Secret {
            name: "key",
            words: vec![1, 2],
        };
        assert_eq!(
            format!("{secret:?}"),
            "Secret { name: \"key\", words: 2, .. }"
        );
        assert_eq!(
            format!("{:?}", Whole(vec![&1, &2])),
            "Whole { first: 1, count: 2 }"
        );
        assert_eq!(format!("{Hidden:?}"), "Hidden { .. }");
        assert_eq!(format!("{:?}", Said(vec![1, 2, 3])), "3 words");
        assert_eq!(format!("{Fixed:?}"), "a text");
        assert_eq!(format!("{:?}", Listed(vec![1, 2])), "[2, 1]");
        assert_eq!(format!("{:#?}", Same(Listed(vec![1]))), "[\n    1,\n]");
    }

    #[test]
    fn fields_have_lines_of_their_own_if_that_is_wanted() {
        assert_eq!(
            format!("{:#?}", Whole(vec![&1])),
            "Whole {\n    first: 1,\n    count: 1,\n}"
        );
    }
}
