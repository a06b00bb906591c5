//! The token that a request carries in its headers.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Returns the token in the only `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut credentials = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = credentials.next()?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_one = credentials.next().is_none() && !token.contains([' ', '\t', ',']);
    (is_one && scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::AUTHORIZATION;

    use super::bearer;

    #[test]
    fn one_token_is_taken() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(of(&["bearer  abc"]).as_deref(), Some("abc"));
        for refused in [
            &["Basic abc"][..],
            &["Bearer"],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a, Bearer b"],
            &["Bearer a", "Bearer a"],
            &[],
        ] {
            assert_eq!(of(refused), None, "{refused:?}");
        }
    }
}
