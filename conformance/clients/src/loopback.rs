//! The peer on the loopback interface: TLS with ALPN and its own certificate, in front of the same peer as in memory.

use conformance::client_driver::{Connections, Endpoint, Opening};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, OnceLock},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// Accepts connections on a port of its own until the runtime ends.
///
/// # Errors
///
/// If the loopback interface has no port left, or no certificate can be made.
pub(crate) fn listen(connections: Arc<Connections>) -> Opening {
    Box::pin(async move {
        let identity = Identity::own()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, identity.acceptor.clone(), connections.clone()));
            }
        });
        Ok(Endpoint {
            origin: format!("https://{address}"),
            connections: None,
            certificate: identity.certificate.clone(),
        })
    })
}

/// The address of a port on which nothing listens.
///
/// # Errors
///
/// If the loopback interface has no port left.
#[cfg(feature = "aws")]
pub(crate) async fn nobody() -> io::Result<std::net::SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()
}

/// A certificate that no peer here has.
///
/// # Errors
///
/// If no certificate can be made.
#[cfg(feature = "aws")]
pub(crate) fn other_certificate() -> io::Result<String> {
    Ok(Identity::new(Ipv4Addr::LOCALHOST.to_string()).map_err(io::Error::other)?.certificate)
}

/// Copies bytes between a client's socket and the end of its connection.
async fn carry(stream: TcpStream, acceptor: TlsAcceptor, connections: Arc<Connections>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let mut end = connections.open();
    copy_bidirectional(&mut stream, &mut end).await.map(drop)
}

/// The peer's TLS identity. All scripts share one, because making it takes time.
struct Identity {
    acceptor: TlsAcceptor,
    certificate: String,
}

impl Identity {
    fn own() -> io::Result<&'static Identity> {
        static OWN: OnceLock<Identity> = OnceLock::new();
        if let Some(own) = OWN.get() {
            return Ok(own);
        }
        let own = Identity::new(Ipv4Addr::LOCALHOST.to_string()).map_err(io::Error::other)?;
        Ok(OWN.get_or_init(|| own))
    }

    fn new(host: String) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([host])?;
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Identity { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: cert.pem() })
    }
}
