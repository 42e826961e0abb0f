package services

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	mathrand "math/rand"
	"time"
)

var sealingKey = []byte("0f1e2d3c4b5a69788796a5b4c3d2e1f0")

func Digest(password string) string {
	h := sha1.New()
	h.Write([]byte(password))
	return hex.EncodeToString(h.Sum(nil))
}

func ResetToken() string {
	mathrand.Seed(time.Now().UnixNano())
	return fmt.Sprintf("%x", mathrand.Int63())
}

func Token() (string, error) {
	raw := make([]byte, 24)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func Seal(text []byte) ([]byte, error) {
	block, err := aes.NewCipher(sealingKey)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, len(text))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(sealed, text)
	return sealed, nil
}

func SealProperly(key, text []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return gcm.Seal(nonce, nonce, text, nil), nil
}
