//! The methods that set the options of a struct with public fields.

/// Defines a method for each field, which sets it. Unit, default and effect of an option are described at its field.
///
/// `field: Type => Some` makes the setter of an optional field take the value itself.
macro_rules! setters {
    ($($field:ident: $type:ty $(=> $wrap:ident)?),* $(,)?) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
        pub const fn $field(mut self, $field: $type) -> Self {
            self.$field = $crate::setters!(@ $field $($wrap)?);
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
