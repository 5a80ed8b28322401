use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What stands between the doctor and a good store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    Nothing,
    AnotherTime(i64),
    NoTime,
    BadGateway,
    ListingFails,
    SwallowsPreflight,
    AnswersPreflightItself,
    AllowsOtherHeaders,
    AllowsOtherMethods,
    HidesAnswers,
    PutFails,
    PutFindsNoSpace,
    PutDenied,
    ChangesSignedHeader,
    IgnoresIfNoneMatch,
    SecondPutIsStrange,
    HeadDenied,
    HeadFindsNothing,
    IgnoresRange,
    GetDenied,
    DeleteDenied,
    DeleteForgets,
    HangsUpOn(&'static str),
    SecondPutHangsUp,
    HeadLies,
    CorsDenied,
    CorsWrittenInVain,
    CorsNotCarriedOut,
    LifecycleDenied,
    LifecycleUnset,
    LifecycleWrittenInVain,
}

fn refused(status: StatusCode, code: &str) -> Response {
    (status, format!("<Error><Code>{code}</Code></Error>")).into_response()
}

fn denied() -> Response {
    refused(StatusCode::FORBIDDEN, "AccessDenied")
}

/// What a store with rules of its own says of them.
fn rules(front: Front, request: &Request) -> Option<Response> {
    let (is_put, query) = (
        request.method() == Method::PUT,
        request.uri().query().unwrap_or_default(),
    );
    let is_about = |name: &str| {
        query
            .split('&')
            .any(|pair| pair.trim_end_matches('=') == name)
    };
    let answer = match (front, is_put) {
        (Front::CorsDenied, true) if is_about("cors") => denied(),
        (Front::CorsWrittenInVain, true) if is_about("cors") => StatusCode::OK.into_response(),
        (Front::CorsDenied | Front::CorsWrittenInVain, false) if is_about("cors") => {
            refused(StatusCode::NOT_FOUND, "NoSuchCORSConfiguration")
        }
        (Front::CorsNotCarriedOut, false) if is_about("cors") => "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
            <AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>"
            .into_response(),
        (Front::CorsDenied | Front::CorsWrittenInVain | Front::CorsNotCarriedOut, _) if request.method() == Method::OPTIONS => denied(),
        (Front::LifecycleDenied, _) | (Front::LifecycleUnset, true) if is_about("lifecycle") => denied(),
        (Front::LifecycleWrittenInVain, true) if is_about("lifecycle") => StatusCode::OK.into_response(),
        (Front::LifecycleUnset | Front::LifecycleWrittenInVain, false) if is_about("lifecycle") => {
            refused(StatusCode::NOT_FOUND, "NoSuchLifecycleConfiguration")
        }
        _ => return None,
    };
    Some(answer)
}

pub async fn front(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    if let Some(answer) = rules(front, &request) {
        return answer;
    }
    let (method, is_object) = (
        request.method().clone(),
        request.uri().path().contains("/staging/"),
    );
    match (front, &method) {
        (Front::HangsUpOn(wanted), _) if is_object && method == wanted => {
            panic!("the connection ends here")
        }
        (Front::BadGateway, _) => return StatusCode::BAD_GATEWAY.into_response(),
        (Front::ListingFails, &Method::GET) if !is_object && request.uri().query().is_some() => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        (Front::SwallowsPreflight, &Method::OPTIONS) | (Front::DeleteForgets, &Method::DELETE) => {
            return StatusCode::NO_CONTENT.into_response();
        }
        (Front::AnswersPreflightItself, &Method::OPTIONS) => {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        (Front::PutFails, &Method::PUT) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        (Front::PutFindsNoSpace, &Method::PUT) => {
            return StatusCode::INSUFFICIENT_STORAGE.into_response();
        }
        (Front::PutDenied, &Method::PUT)
        | (Front::DeleteDenied, &Method::DELETE)
        | (Front::HeadDenied, &Method::HEAD) => return denied(),
        (Front::GetDenied, &Method::GET) if is_object => return denied(),
        (Front::HeadFindsNothing, &Method::HEAD) => return StatusCode::NOT_FOUND.into_response(),
        (Front::ChangesSignedHeader, &Method::PUT) => {
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        (Front::IgnoresRange, &Method::GET) => drop(request.headers_mut().remove(header::RANGE)),
        _ => {}
    }
    let mut response = next.run(request).await;
    let is_second = response.status() == StatusCode::PRECONDITION_FAILED;
    let headers = response.headers_mut();
    match front {
        Front::AnotherTime(seconds) => {
            let time = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
            headers.insert(
                header::DATE,
                time.format("%a, %d %b %Y %H:%M:%S GMT")
                    .to_string()
                    .parse()
                    .unwrap(),
            );
        }
        Front::NoTime => drop(headers.insert(header::DATE, HeaderValue::from_static("today"))),
        Front::AllowsOtherHeaders => {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("content-type"),
            );
        }
        Front::AllowsOtherMethods => {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, HEAD"),
            );
        }
        Front::HidesAnswers if method != Method::OPTIONS => {
            drop(headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        }
        Front::IgnoresIfNoneMatch if is_second => *response.status_mut() = StatusCode::OK,
        Front::SecondPutHangsUp if is_second => panic!("the connection ends here"),
        Front::HeadLies if method == Method::HEAD => {
            drop(headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("7")));
        }
        Front::SecondPutIsStrange if is_second => {
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
        }
        _ => {}
    }
    response
}
