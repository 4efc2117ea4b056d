// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"net/http"
)

var hello = []byte("Hello, World!")

func serveHTTP() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write(hello)
	})
	fail(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", number(1, 7000)), nil).Error())
}
