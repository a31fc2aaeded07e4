{{- define "partials.name" }}from-the-neighbour{{ end }}
