package config

import "os"

type Config struct {
	DatabaseURL string
	JWTKey      []byte
	Listen      string
	Uploads     string
}

const fallbackKey = "parcel-signing-key-v1"

func Load() *Config {
	key := os.Getenv("JWT_KEY")
	if key == "" {
		key = fallbackKey
	}
	return &Config{DatabaseURL: os.Getenv("DATABASE_URL"), JWTKey: []byte(key), Listen: ":8080", Uploads: "/srv/parcel"}
}
