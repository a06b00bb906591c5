//! The methods that set the options of a struct.

/// Defines methods that set a field and return the struct, for builders and options.
///
/// A list of fields defines a method for each of them, of the same name, for structs with public fields. Unit, default and effect of
/// an option are described at its field. `field: Type => Some` makes the setter of an optional field take the value itself.
///
/// A list of functions defines these methods: `pub fn order(order: u32) { default_order = Some(order) }` sets the field
/// `default_order`.
macro_rules! setters {
    ($($field:ident: $type:ty $(=> $wrap:ident)?),* $(,)?) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
        pub const fn $field(mut self, $field: $type) -> Self {
            self.$field = $crate::setters!(@ $field $($wrap)?);
            self
        }
    )*};
    ($($(#[$meta:meta])* pub fn $name:ident($($value:ident: $type:ty),+) { $($field:ident).+ = $new:expr })*) => {$(
        $(#[$meta])*
        pub fn $name(mut self, $($value: $type),+) -> Self {
            self.$($field).+ = $new;
            self
        }
    )*};
    ($($(#[$meta:meta])* pub const fn $name:ident($($value:ident: $type:ty),+) { $($field:ident).+ = $new:expr })*) => {$(
        $(#[$meta])*
        pub const fn $name(mut self, $($value: $type),+) -> Self {
            self.$($field).+ = $new;
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
