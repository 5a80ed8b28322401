//! A plain HTTP client for requests to other servers.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};

use crate::client::quietly;
use crate::{Cause, StoreError};

const ACTION: &str = "send request";
const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(10);
/// The longest response that is read, bytes.
const LONGEST: usize = 1 << 20;

/// Sends requests as they are, unsigned, as a browser does with presigned URLs. It follows no redirects and tries once.
#[derive(Clone)]
pub struct WebClient {
    plain: Arc<Connector>,
    /// Reads the system's certificates, on first use.
    tls: Arc<LazyLock<Connector>>,
}

impl fmt::Debug for WebClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebClient").finish_non_exhaustive()
    }
}

impl Default for WebClient {
    fn default() -> Self {
        Self {
            plain: Arc::new(builder().build_http()),
            tls: Arc::new(LazyLock::new(|| {
                builder()
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .build()
            })),
        }
    }
}

fn builder() -> ConnectorBuilder {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT)
        .read_timeout(WHOLE)
        .build();
    Connector::builder().connector_settings(settings)
}

impl WebClient {
    /// The whole response, of any status, within 10 s. [`StoreError::Unavailable`] if none comes, with its causes; [`StoreError::TooLarge`]
    /// if it exceeds 1 MiB.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, StoreError> {
        let connector: &Connector = if request.uri().scheme_str() == Some("https") {
            &self.tls
        } else {
            &self.plain
        };
        let request = HttpRequest::try_from(request.map(SdkBody::from))
            .map_err(|e| StoreError::Refused(Cause::new(ACTION, e)))?;
        let exchange = quietly(async {
            let response = connector.call(request).await.map_err(unavailable)?;
            let response = response.try_into_http1x().map_err(unavailable)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LONGEST).collect().await.map_err(|e| {
                if e.is::<http_body_util::LengthLimitError>() {
                    StoreError::TooLarge
                } else {
                    unavailable(e)
                }
            })?;
            Ok(Response::from_parts(head, body.to_bytes()))
        });
        tokio::time::timeout(WHOLE, exchange)
            .await
            .map_err(unavailable)?
    }
}

fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(Cause::new(ACTION, error))
}
