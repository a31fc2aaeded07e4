// Command orders is the API that the documentation calls: it serves orders to
// pages at https://app.example.com, and forgets that they may change one.
package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("GET /orders/{id}", order)
	// The same behind a gateway that lets only those pass who have its key.
	http.HandleFunc("GET /staging/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") == "" {
			http.Error(w, "no key", http.StatusForbidden)
			return
		}
		order(w, r)
	})
	log.Print("orders are at http://127.0.0.1:8000/orders/7")
	log.Fatal(http.ListenAndServe("127.0.0.1:8000", nil))
}

func order(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
	w.Header().Set("ETag", `"7"`)
	fmt.Fprintf(w, "{\"id\":%q}\n", r.PathValue("id"))
}
