// What Go drivers share: the messages in and out, fields as pairs, and the content of requests.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
)

type message struct {
	CAFile            string `json:"ca_file"`
	Reset             bool
	Cancel            *int
	ID                int
	URL, Method       string
	Headers, Trailers [][2]string
	Body              struct{ Then, Text string }
}

type object map[string]any

func say(line object) {
	json.NewEncoder(os.Stdout).Encode(line) // one Write, which is atomic
}

func content(ctx context.Context, m message) io.Reader {
	if m.Body.Then == "complete" {
		return strings.NewReader(m.Body.Text) // a Reader of known length
	}
	ctx, end := context.WithCancel(ctx)
	return &unfinished{strings.NewReader(m.Body.Text), ctx, end, m.Body.Then}
}

// unfinished is content that fails or never ends. "Calling Close should unblock a Read" (net/http.Request.Body).
type unfinished struct {
	*strings.Reader
	ctx  context.Context
	end  context.CancelFunc
	then string
}

func (u *unfinished) Read(p []byte) (int, error) {
	if u.Len() > 0 {
		return u.Reader.Read(p)
	}
	if u.then == "never" {
		<-u.ctx.Done()
	}
	return 0, errors.New("the application's content fails")
}

func (u *unfinished) Close() error {
	u.end()
	return nil
}

// A character of a pair is an octet of a field.
func fromPairs(pairs [][2]string) http.Header {
	header := http.Header{}
	for _, pair := range pairs {
		octets := []byte{}
		for _, character := range pair[1] {
			octets = append(octets, byte(character))
		}
		header.Add(pair[0], string(octets))
	}
	return header
}

func toPairs(header http.Header) [][2]string {
	pairs := [][2]string{}
	for name, values := range header {
		characters := []rune{}
		for _, octet := range []byte(strings.Join(values, ", ")) {
			characters = append(characters, rune(octet))
		}
		pairs = append(pairs, [2]string{strings.ToLower(name), string(characters)})
	}
	return pairs
}
