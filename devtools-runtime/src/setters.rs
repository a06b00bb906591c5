//! The methods that set the options of a struct, and their defaults.

/// Defines methods that change a struct and return it, for builders and options.
///
/// A list of fields defines a method for each of them, of the same name, for structs with public fields. The
/// documentation of the field has the unit, the default and the effect of the option. `field: Type => Some` makes the
/// setter of an optional field take the value itself.
///
/// A list of functions defines these methods. The statement in the braces is applied to the struct. For example,
/// `pub fn order(order: u32) { default_order = Some(order) }` sets the field `default_order`, and
/// `pub fn label(label: String) { labels.push(label) }` adds to the field `labels`. The functions of one list are all
/// `const`, or none of them is.
macro_rules! setters {
    ($($field:ident: $type:ty $(=> $wrap:ident)?),* $(,)?) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
        pub const fn $field(mut self, $field: $type) -> Self {
            self.$field = $crate::setters!(@ $field $($wrap)?);
            self
        }
    )*};
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($value:ident: $type:ty),*) { $($change:tt)+ })*) => {$(
        $(#[$meta])*
        $vis fn $name(mut self, $($value: $type),*) -> Self {
            self.$($change)+;
            self
        }
    )*};
    ($($(#[$meta:meta])* $vis:vis const fn $name:ident($($value:ident: $type:ty),*) { $($change:tt)+ })*) => {$(
        $(#[$meta])*
        $vis const fn $name(mut self, $($value: $type),*) -> Self {
            self.$($change)+;
            self
        }
    )*};
    (@ $value:ident) => {
        $value
    };
    (@ $value:ident $wrap:ident) => {
        $wrap($value)
    };
}
pub(crate) use setters;

/// Implements [`Default`] for structs whose default value is that of `new`.
macro_rules! default_is_new {
    ($name:ident $(<$($param:ident),+>)?) => {
        impl $(<$($param),+>)? Default for $name $(<$($param),+>)? {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(crate) use default_is_new;
