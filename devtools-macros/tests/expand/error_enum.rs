#[allow(
    deprecated,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "the code is generated, and its author cannot mend it"
)]
#[automatically_derived]
impl ::devtools_runtime::RpcError for ReadError {
    ::devtools_runtime::__private::of_variants! {
        "not-found"[PathBuf : Named("path"), Option < u32 > : Named("lineNumber")]
        "too-large"[u64 : Item(0usize), u64 : Item(1usize)] "syntax"[SyntaxError : Whole]
        "busy"[] "io"[] "config"[ConfigError : Whole]
    }
    fn code(&self) -> &'static ::core::primitive::str {
        match *self {
            Self::NotFound { .. } => "not-found",
            Self::Size { .. } => "too-large",
            Self::Syntax { .. } => "syntax",
            Self::Busy { .. } => "busy",
            Self::Io { .. } => "io",
            Self::Config { .. } => "config",
        }
    }
    fn disclose(&self) -> ::devtools_runtime::__private::Disclosure {
        match *self {
            Self::NotFound { path: ref __field0, line_number: ref __field1 } => {
                ::devtools_runtime::__private::Disclosure::public()
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            PathBuf,
                        >(::devtools_runtime::__private::FieldPosition::Named("path")),
                        __field0,
                    )
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            Option<u32>,
                        >(
                            ::devtools_runtime::__private::FieldPosition::Named(
                                "lineNumber",
                            ),
                        ),
                        __field1,
                    )
            }
            Self::Size { 0: ref __field0, 1: ref __field1 } => {
                ::devtools_runtime::__private::Disclosure::public()
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            u64,
                        >(::devtools_runtime::__private::FieldPosition::Item(0usize)),
                        __field0,
                    )
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            u64,
                        >(::devtools_runtime::__private::FieldPosition::Item(1usize)),
                        __field1,
                    )
            }
            Self::Syntax { 0: ref __field0 } => {
                ::devtools_runtime::__private::Disclosure::public()
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            SyntaxError,
                        >(::devtools_runtime::__private::FieldPosition::Whole),
                        __field0,
                    )
            }
            Self::Busy {} => ::devtools_runtime::__private::Disclosure::public(),
            Self::Io { .. } => ::devtools_runtime::__private::Disclosure::Internal,
            Self::Config { 0: ref __field0 } => {
                ::devtools_runtime::__private::Disclosure::public()
                    .with(
                        ::devtools_runtime::__private::error_field::<
                            ConfigError,
                        >(::devtools_runtime::__private::FieldPosition::Whole),
                        __field0,
                    )
            }
        }
    }
    fn rebuild(
        __code: &::core::primitive::str,
        __data: ::devtools_runtime::__private::ErrorData<'_>,
    ) -> ::core::option::Option<Self> {
        match __code {
            "not-found" => {
                ::core::option::Option::Some(Self::NotFound {
                    path: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                PathBuf,
                            >(
                                ::devtools_runtime::__private::FieldPosition::Named("path"),
                            ),
                        )?,
                    line_number: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                Option<u32>,
                            >(
                                ::devtools_runtime::__private::FieldPosition::Named(
                                    "lineNumber",
                                ),
                            ),
                        )?,
                })
            }
            "too-large" => {
                ::core::option::Option::Some(Self::Size {
                    0: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                u64,
                            >(::devtools_runtime::__private::FieldPosition::Item(0usize)),
                        )?,
                    1: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                u64,
                            >(::devtools_runtime::__private::FieldPosition::Item(1usize)),
                        )?,
                })
            }
            "syntax" => {
                ::core::option::Option::Some(Self::Syntax {
                    0: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                SyntaxError,
                            >(::devtools_runtime::__private::FieldPosition::Whole),
                        )?,
                })
            }
            "busy" => ::core::option::Option::Some(Self::Busy {}),
            "config" => {
                ::core::option::Option::Some(Self::Config {
                    0: __data
                        .get(
                            ::devtools_runtime::__private::error_field::<
                                ConfigError,
                            >(::devtools_runtime::__private::FieldPosition::Whole),
                        )?,
                })
            }
            _ => ::core::option::Option::None,
        }
    }
}
