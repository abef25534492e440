//! The peer on the loopback interface, in front of the same peer as in memory: HTTP/2 with prior knowledge (RFC 9113
//! §3.3), or over TLS with ALPN and a certificate of its own (§3.2).

use super::{Connections, Endpoint};
use std::{io, net::Ipv4Addr, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// Accepts connections with prior knowledge on a port of its own, until the runtime ends.
///
/// # Errors
///
/// If the loopback interface has no port left.
pub async fn listen(connections: Arc<Connections>) -> io::Result<Endpoint> {
    let (listener, address) = bind().await?;
    tokio::spawn(async move {
        loop {
            tokio::spawn(carry(next(&listener).await, connections.clone()));
        }
    });
    Ok(Endpoint { origin: format!("http://{address}"), connections: None, certificate: String::new() })
}

async fn bind() -> io::Result<(TcpListener, std::net::SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The next socket of a client. It sends what is written at once. One that fails is left out.
async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        if let Ok((stream, _)) = listener.accept().await
            && stream.set_nodelay(true).is_ok()
        {
            return stream;
        }
    }
}

/// Copies bytes between a client's socket and the end of its connection.
async fn carry(mut stream: impl AsyncRead + AsyncWrite + Unpin, connections: Arc<Connections>) -> io::Result<()> {
    let mut end = connections.open()?;
    copy_bidirectional(&mut stream, &mut end).await.map(drop)
}

#[cfg(feature = "tls")]
pub use tls::{listen_with_tls, other_certificate, own_certificate, secure};

#[cfg(feature = "tls")]
mod tls {
    use super::{Connections, Endpoint, bind, carry, next};
    use crate::stacks::BoxError;
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use std::{
        io,
        net::Ipv4Addr,
        sync::{Arc, OnceLock},
    };
    use tokio::net::TcpStream;
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
        server::TlsStream,
    };

    /// The same as [`listen`](super::listen) over TLS.
    ///
    /// # Errors
    ///
    /// If the loopback interface has no port left, or no certificate can be made.
    pub async fn listen_with_tls(connections: Arc<Connections>) -> io::Result<Endpoint> {
        let identity = Identity::own()?;
        let (listener, address) = bind().await?;
        tokio::spawn(async move {
            loop {
                let stream = next(&listener).await;
                let (acceptor, connections) = (identity.acceptor.clone(), connections.clone());
                tokio::spawn(async move { carry(acceptor.accept(stream).await?, connections).await });
            }
        });
        let certificate = identity.certificate.clone();
        Ok(Endpoint { origin: format!("https://{address}"), connections: None, certificate })
    }

    /// The same connection over TLS, with the certificate of every peer here.
    ///
    /// # Errors
    ///
    /// If the handshake fails.
    pub async fn secure(stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        Identity::own()?.acceptor.accept(stream).await
    }

    /// The certificate of every peer here, in PEM.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn own_certificate() -> io::Result<String> {
        Ok(Identity::own()?.certificate.clone())
    }

    /// A certificate that no peer here has.
    ///
    /// # Errors
    ///
    /// If no certificate can be made.
    pub fn other_certificate() -> io::Result<String> {
        Ok(Identity::new(Ipv4Addr::LOCALHOST.to_string()).map_err(io::Error::other)?.certificate)
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

        fn new(host: String) -> Result<Identity, BoxError> {
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
}
