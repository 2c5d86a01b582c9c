"""What networks are written with in PyTorch, for a text in a link to refer to (RFC 1951's distances reach into it).

It never changes: a link that was made with it can be read with nothing else. A better one would need a mark of its own.
"""

USUAL = b"""for epoch in range(epochs):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs.to(device)), targets.to(device))
        loss.backward()
        optimizer.step()
model = Net().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
nn.CrossEntropyLoss()
    def _make_layer(self, block, planes, blocks, stride=1):
        layers = []
        layers.append(block(self.in_planes, planes, stride))
        for i in range(1, blocks):
        return nn.Sequential(*layers)
nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu") nn.init.constant_(m.bias, 0)
        if isinstance(m, nn.Conv2d): elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
nn.ModuleList([]) nn.Identity() nn.Embedding( nn.LSTM( batch_first=True nn.MultiheadAttention(embed_dim, num_heads
nn.TransformerEncoderLayer( nn.LayerNorm(dim) nn.GELU() nn.Sigmoid() nn.Tanh() nn.Softmax(dim=1)
nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)
nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
x.mean(dim=1) .unsqueeze(1) .squeeze() .transpose(1, 2) .permute(0, 2, 3, 1) .reshape( .size(0) .shape[0]
x = torch.cat([x1, x2], dim=1)
        x = x.view(x.size(0), -1)
        x = torch.flatten(x, 1)
        x = F.dropout(x, training=self.training)
        x = F.adaptive_avg_pool2d(x, (1, 1))
        return F.log_softmax(x, dim=1)
nn.Sequential(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=1, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.MaxPool2d(kernel_size=2, stride=2),
            nn.AvgPool2d(kernel_size=2),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Dropout(p=0.5),
            nn.Flatten(),
            nn.Linear(in_features=512, out_features=256),
            nn.Linear(256, num_classes),
            Residual(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1)),
        )
        self.downsample = nn.Sequential()
        if stride != 1 or in_planes != planes:
        identity = x
        if self.downsample is not None:
            identity = self.downsample(x)
        out += self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        return out
import math
import numpy as np
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader
import torch
import torch.nn as nn
import torch.optim as optim
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self, num_classes=10):
        super(Net, self).__init__()
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.dropout = nn.Dropout(0.5)
        self.fc1 = nn.Linear(64 * 7 * 7, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 64 * 7 * 7)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return x
"""
