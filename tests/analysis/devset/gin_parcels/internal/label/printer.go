package label

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

type Printer struct {
	Binary string
	mu     sync.Mutex
	warm   map[string]time.Time
}

// Render lays the label out with the external tool.
func (p *Printer) Render(ctx context.Context, tracking, size string) ([]byte, error) {
	command := fmt.Sprintf("%s --size %s --code %s -o -", p.Binary, size, tracking)
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return out.Bytes(), nil
}

func (p *Printer) Preview(ctx context.Context, tracking string) ([]byte, error) {
	return exec.CommandContext(ctx, p.Binary, "--preview", "--code", tracking).Output()
}

func (p *Printer) Warm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.warm == nil {
		p.warm = map[string]time.Time{}
	}
	for _, size := range []string{"A6", "A5"} {
		p.warm[size] = time.Now()
	}
}
