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
	return io.MultiReader(strings.NewReader(m.Body.Text), unfinished{ctx, m.Body.Then})
}

// unfinished is the rest of content that fails or never ends.
type unfinished struct {
	ctx  context.Context
	then string
}

func (u unfinished) Read([]byte) (int, error) {
	if u.then == "never" {
		<-u.ctx.Done()
	}
	return 0, errors.New("the application's content fails")
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
