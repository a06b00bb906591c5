#[allow(
    deprecated,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "the code is generated, and its author cannot mend it"
)]
#[automatically_derived]
impl<T: Revision> toolkit::rpc::RpcError for StaleError<T> {
    toolkit::rpc::__private::of_variants! {
        "stale"[T : Named("rev")]
    }
    fn code(&self) -> &'static ::core::primitive::str {
        match *self {
            Self { .. } => "stale",
        }
    }
    fn disclose(&self) -> toolkit::rpc::__private::Disclosure {
        match *self {
            Self { r#type: ref __field0 } => {
                toolkit::rpc::__private::Disclosure::public()
                    .with(
                        toolkit::rpc::__private::error_field::<
                            T,
                        >(toolkit::rpc::__private::FieldPosition::Named("rev")),
                        __field0,
                    )
            }
        }
    }
    fn rebuild(
        __code: &::core::primitive::str,
        __data: toolkit::rpc::__private::ErrorData<'_>,
    ) -> ::core::option::Option<Self> {
        match __code {
            "stale" => {
                ::core::option::Option::Some(Self {
                    r#type: __data
                        .get(
                            toolkit::rpc::__private::error_field::<
                                T,
                            >(toolkit::rpc::__private::FieldPosition::Named("rev")),
                        )?,
                })
            }
            _ => ::core::option::Option::None,
        }
    }
}
